/** The script's beginning: what lives as long as the window, then what each page needs. */
import * as Turbo from "@hotwired/turbo";
import { ChatSidebar } from "chatapp/chat_sidebar";
import { offerCopying } from "chatapp/clipboard";
import { paintConnection, showConnection } from "chatapp/connection_strip";
import { askBeforeSubmit } from "chatapp/dialogs";
import { connect, listen, stayAwake } from "chatapp/live";
import { localTimes } from "chatapp/local_times";
import { togglePanes } from "chatapp/panes";
import { paintPresence, showNames, showPresence } from "chatapp/people";
import { reportPresence } from "chatapp/presence_report";
import { ChatRoom } from "chatapp/room/chat_room";
import { keepSending, viewersOutbox } from "chatapp/sending";
import { offerShortcuts } from "chatapp/shortcuts";
import { cleanSignOut } from "chatapp/sign_out";
import { countUnread, readSidebar } from "chatapp/unread";
import { epoch, viewerId } from "chatapp/viewer";

showPresence();
showNames();
showConnection();
countUnread();
reportPresence();
keepSending();
togglePanes();
offerCopying();
offerShortcuts();
askBeforeSubmit();
cleanSignOut();
stayAwake();

// A backup was restored: what this page shows has partly never been. Drafts and the outbox stay.
listen("welcome", (welcome) => epoch() && welcome.epoch !== epoch() && location.reload());

customElements.define("chat-sidebar", ChatSidebar);
customElements.define("chat-room", ChatRoom);

document.addEventListener("turbo:load", () => {
  // A page from the cache would show an hour ago: going back asks the server.
  Turbo.cache.exemptPageFromCache();
  connect();
  readSidebar();
  paintConnection();
  paintPresence();
  if (viewerId()) viewersOutbox().resume();
  localTimes(document.body);
});
