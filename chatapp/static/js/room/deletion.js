import { announce } from "chatapp/announce";
import { confirmed } from "chatapp/confirm";
import { one } from "chatapp/dom";
import { post } from "chatapp/request";
import { word } from "chatapp/words";

const QUOTED = 200;

/**
 * Ask, and delete a message. Gives the server's answer, or null.
 * @param {HTMLElement} article
 */
export async function deleteMessage(article) {
  const quote = one(article, ".message-body").textContent.trim().slice(0, QUOTED);
  const title = word("deleteMessage");
  if (
    !(await confirmed({ title, text: word("deleteMessageText"), quote, action: word("delete") }))
  ) {
    return null;
  }
  return post(`/messages/${article.dataset.message}/delete`, {}).catch(({ reason }) => {
    announce(reason || word("noAnswer"));
    return null;
  });
}
