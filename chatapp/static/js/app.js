/** The script's beginning: what lives as long as the window, then what each page needs. */
import { startAfresh } from "chatapp/afresh";
import { ChatSidebar } from "chatapp/chat_sidebar";
import { offerCopying } from "chatapp/clipboard";
import { paintConnection, showConnection } from "chatapp/connection_strip";
import { guardUnkept } from "chatapp/device";
import { askBeforeSubmit, complain } from "chatapp/dialogs";
import { land } from "chatapp/landing";
import { connect, listen, stayAwake } from "chatapp/live";
import { localTimes } from "chatapp/local_times";
import { afterOpening } from "chatapp/opening";
import { hidePanesAgain, togglePanes } from "chatapp/panes";
import { paintPresence, showNames, showPresence } from "chatapp/people";
import { reportPresence } from "chatapp/presence_report";
import { ChatRoom } from "chatapp/room/chat_room";
import { keepSending, viewersOutbox } from "chatapp/sending";
import { offerShortcuts } from "chatapp/shortcuts";
import { cleanSignOut } from "chatapp/sign_out";
import { countUnread, readSidebar } from "chatapp/unread";
import { paintUnsent, showUnsent } from "chatapp/unsent";
import { epoch, viewerId } from "chatapp/viewer";
import { word } from "chatapp/words";

showPresence();
showNames();
showConnection();
countUnread();
reportPresence();
keepSending();
showUnsent();
togglePanes();
offerCopying();
offerShortcuts();
askBeforeSubmit();
guardUnkept(() => complain(word("keptHereOnly")));
cleanSignOut();
stayAwake();

// A backup was restored: what this page shows has partly never been. Drafts and the outbox stay.
listen("welcome", (welcome) => epoch() && welcome.epoch !== epoch() && startAfresh());
// In another tab somebody else has signed in. An error page is nobody's, and says what happened.
listen("welcome", ({ user }) => viewerId() && user !== viewerId() && startAfresh());

/** Whatever a new page needs. */
function begin() {
  connect();
  readSidebar();
  hidePanesAgain();
  paintConnection();
  paintPresence();
  if (viewerId()) viewersOutbox().resume();
  paintUnsent();
  localTimes(document.body);
}

begin();
customElements.define("chat-sidebar", ChatSidebar);
customElements.define("chat-room", ChatRoom);

/** From here on a visit keeps the document. It is more than all of our own, and can wait. */
async function visitWithTurbo() {
  const Turbo = await import("@hotwired/turbo");
  // It waits for this to begin with, and it has been.
  document.dispatchEvent(new Event("readystatechange"));
  // A page from the cache would show an hour ago: going back asks the server.
  Turbo.cache.exemptPageFromCache();
  // A refused form brings a page, too, but no visit that would end in "turbo:load".
  document.addEventListener("turbo:render", () => {
    Turbo.cache.exemptPageFromCache();
    begin();
    land();
  });
}

// Safari has no word for it.
afterOpening(() => (window.requestIdleCallback ?? setTimeout)(visitWithTurbo));
