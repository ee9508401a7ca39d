// Builds app/static/build: one style sheet, one script, one font file, all named by their content, and a manifest
// that maps the plain name to the hashed one. `app/web/assets.py` reads the manifest.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "sass";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const OUT = path("../app/static/build/");
const FONT = "../node_modules/@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2";
const manifest = {};

function emit(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const hashed = name.replace(/(\.\w+)$/, `-${hash}$1`);
  writeFileSync(OUT + hashed, content);
  manifest[name] = hashed;
  return hashed;
}

function styles(font) {
  const { css } = compile(path("scss/main.scss"), {
    loadPaths: [path("../node_modules")],
    style: "compressed",
    quietDeps: true,
  });
  return css.replaceAll("source-sans-3.woff2", font);
}

async function script() {
  const { outputFiles } = await build({
    entryPoints: [path("js/main.js")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    legalComments: "none",
    write: false,
  });
  return outputFiles[0].contents;
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const font = emit("source-sans-3.woff2", readFileSync(path(FONT)));
emit("main.css", styles(font));
emit("main.js", await script());
writeFileSync(`${OUT}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
