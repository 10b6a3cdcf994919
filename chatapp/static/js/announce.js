/**
 * Have a screen reader say something that the eye sees elsewhere.
 * @param {string} text
 */
export function announce(text) {
  const place = document.getElementById("announcement");
  if (place) place.textContent = text;
}
