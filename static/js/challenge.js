// Lets the browser do a challenge's work, so that nobody has to answer its question. Without this, or without a secure
// connection (there is no crypto.subtle then), the question serves.
"use strict";

for (const form of document.querySelectorAll("form.challenge")) {
  if (!window.Worker || !window.crypto || !crypto.subtle) continue;
  const status = form.querySelector("[data-status]");
  const { salt, target, rounds, most, worker, working, worked } = form.dataset;
  const count = Math.min(4, Math.max(1, navigator.hardwareConcurrency || 1));
  const workers = [];
  const stop = () => workers.forEach((one) => one.terminate());
  let done = 0;
  let said = -1;
  // A browser that restores the page must not send a spent proof.
  form.elements.proof.value = "";
  const hear = ({ data }) => {
    if (data.counter) {
      stop();
      form.elements.proof.value = data.counter;
      status.textContent = worked;
      if (!form.elements.answer.value) form.submit();
      return;
    }
    done += data.done;
    const percent = Math.min(99, Math.floor((100 * done) / most));
    if (percent >= said + 10 || said < 0) {
      said = percent;
      status.textContent = working.replace("{percent}", percent);
    }
  };
  const failed = () => {
    stop();
    status.textContent = "";
  };
  for (let first = 1; first <= count; first += 1) {
    const one = new Worker(worker);
    one.onmessage = hear;
    one.onerror = failed;
    one.postMessage({ salt, target, rounds: Number(rounds), most: Number(most), first, step: count });
    workers.push(one);
  }
  form.addEventListener("submit", stop);
  window.addEventListener("pagehide", stop);
}
