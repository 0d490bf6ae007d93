// Lighthouse on the first page and on a result: node lighthouse.mjs SITE CHROMIUM ID_NUMBER CERTIFICATE_NUMBER
// Prints {"home": {"accessibility": 100, ...}, "result": {...}}, each with what did not pass.
import { startFlow } from "lighthouse";
import puppeteer from "puppeteer-core";

const [site, chromium, idNumber, certificateNumber] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  const flow = await startFlow(page, { config: { extends: "lighthouse:default", settings: { onlyCategories: ["accessibility", "best-practices", "performance"] } } });
  await flow.navigate(`${site}/`);
  await flow.navigate(async () => {
    await page.type("#id_id_number", idNumber);
    await page.type("#id_certificate_number", certificateNumber);
    await page.click("form.lookup button");
  });
  const answer = {};
  for (const [place, step] of (await flow.createFlowResult()).steps.entries()) {
    const { categories, audits } = step.lhr;
    const failing = Object.values(categories).flatMap((category) => category.auditRefs.filter((ref) => ref.weight > 0 && audits[ref.id].score !== null && audits[ref.id].score < 1).map((ref) => `${ref.id} ${audits[ref.id].score} ${audits[ref.id].displayValue ?? ""}`));
    answer[place === 0 ? "home" : "result"] = { ...Object.fromEntries(Object.entries(categories).map(([id, category]) => [id, Math.round(category.score * 100)])), failing };
  }
  console.log(JSON.stringify(answer));
} finally {
  await browser.close();
}
