import { clock } from "chatapp/clock";
import { TypingPeople } from "chatapp/typing";
import { viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

/** "Ann is typing", in the line that is kept free for it. */
export class TypingLine {
  /** @param {HTMLElement | null} element */
  constructor(element) {
    this.people = new TypingPeople({
      clock,
      changed: (names) => {
        if (element) element.textContent = sentence(names);
      },
    });
  }

  heard({ user, name }) {
    if (user !== viewerId()) this.people.heard(user, name);
  }
}

function sentence(names) {
  const [name, other] = names;
  if (names.length > 2) return word("typingMany");
  if (other) return word("typingTwo", { name, other });
  return name ? word("typingOne", { name }) : "";
}
