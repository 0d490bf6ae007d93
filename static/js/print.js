// Shows the buttons that print a page; without this script the browser's own menu prints it.
"use strict";
for (const button of document.querySelectorAll("button[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
