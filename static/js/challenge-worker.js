// Looks for the counter from which PBKDF2 makes the target; several of these share the counters.
"use strict";

const EVERY = 16;

const toBytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const toHex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

self.onmessage = async ({ data: { salt, target, rounds, most, first, step } }) => {
  const terms = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(salt), iterations: rounds };
  const encoder = new TextEncoder();
  let done = 0;
  self.postMessage({ done });
  for (let counter = first; counter <= most; counter += step) {
    const key = await crypto.subtle.importKey("raw", encoder.encode(String(counter)), "PBKDF2", false, ["deriveBits"]);
    if (toHex(await crypto.subtle.deriveBits(terms, key, target.length * 4)) === target) {
      self.postMessage({ counter });
      return;
    }
    done += 1;
    if (done % EVERY === 0) self.postMessage({ done: EVERY });
  }
};
