/** Who looks at this page, as its head says. */

const meta = (name) =>
  /** @type {HTMLMetaElement | null} */ (document.querySelector(`meta[name="${name}"]`));

/** The viewer's id; 0 for a stranger. */
export const viewerId = () => Number(meta("viewer")?.content ?? 0);

/** Whether the viewer may delete what others wrote. */
export const isAdmin = () => meta("viewer")?.dataset.role === "admin";

/** Which history of the workspace this page belongs to: another one after a restore. */
export const epoch = () => meta("epoch")?.content ?? "";

/** The path of the socket. */
export const socketPath = () => meta("socket")?.content ?? "";
