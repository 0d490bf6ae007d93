// The MDN HTTP Observatory's own tests and grades on a site that stands behind a proxy with TLS:
// node observatory.mjs ADDRESS HOST PATH. Its retriever would need DNS and a certificate, so the answers are put together here
// as it does, with the request as the proxy would pass it on. Prints {"grade": "A+", "score": 120, "lost": [...]}.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { createRequire } from "node:module";

const [address, host, place] = process.argv.slice(2);
const home = path.resolve(path.dirname(createRequire(import.meta.url).resolve("@mdn/mdn-http-observatory")), "..");
const preload = path.join(home, "conf", "hsts-preload.json");
if (!fs.existsSync(preload)) fs.writeFileSync(preload, "{}"); // the browsers' list, which an installation would download
const { ALL_TESTS } = await import(path.join(home, "src/constants.js"));
const { Requests } = await import(path.join(home, "src/types.js"));
const { parseHttpEquivHeaders } = await import(path.join(home, "src/retriever/utils.js"));
const { Session } = await import(path.join(home, "src/retriever/session.js"));
const { getGradeForScore, getScoreModifier, getScoreDescription } = await import(path.join(home, "src/grader/grader.js"));
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await import(path.join(home, "src/grader/charts.js"));

function ask(method, scheme, more = {}) {
  const { hostname, port } = new URL(address);
  const headers = { Host: host, "X-Forwarded-Proto": scheme, ...more };
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path: place, method, headers }, (response) => {
      let data = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (data += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, data, verified: true, request: { protocol: `${scheme}:` } }));
    });
    request.on("error", reject).end();
  });
}

const requests = new Requests(host);
const [open, sealed] = [await ask("GET", "http"), await ask("GET", "https")];
const [from, to] = [new URL(`http://${host}${place}`), new URL(`https://${host}${place}`)];
sealed.httpEquiv = parseHttpEquivHeaders(sealed.data, to.href);
Object.assign(requests.responses, { http: sealed, https: sealed, auto: sealed });
requests.responses.httpRedirects = [{ url: from, status: open.status }, { url: new URL(open.headers.location ?? from.href), status: sealed.status }];
requests.responses.httpsRedirects = [{ url: to, status: sealed.status }];
requests.responses.cors = { ...(await ask("OPTIONS", "https", { Origin: "https://http-observatory.security.mozilla.org", "Access-Control-Request-Method": "GET" })), verified: true };
requests.session = new Session(to);
requests.session.response = sealed;
requests.resources.path = sealed.data;

const results = ALL_TESTS.map((test) => test(requests)).filter((result) => result.result);
let full = 100;
let plain = 100;
for (const result of results) {
  const modifier = getScoreModifier(result.result);
  full += modifier;
  if (modifier < 0) plain += modifier;
}
const { grade, score } = getGradeForScore(plain >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? full : plain);
const lost = results.filter((result) => !result.pass).map((result) => `${result.name ?? result.constructor.name}: ${getScoreDescription(result.result)}`);
console.log(JSON.stringify({ grade, score, lost }));
