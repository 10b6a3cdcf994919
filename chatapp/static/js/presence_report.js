import { Activity } from "chatapp/activity";
import { clock } from "chatapp/clock";
import { listen, say } from "chatapp/live";

const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "focus"];

/** Tell the server whether the person is at this browser, when that changes and after each return. */
export function reportPresence() {
  const tell = () => say({ type: "presence", state: activity.state });
  const activity = new Activity({ clock, changed: tell });
  listen("welcome", tell);
  for (const sign of SIGNS) {
    addEventListener(sign, () => activity.touch(), { passive: true, capture: true });
  }
  const look = () => activity.setHidden(document.hidden);
  document.addEventListener("visibilitychange", look);
  look();
}
