// Composes sets of subgraphs with the reference composer: JSON lines in, JSON lines out.
//
//   in:  {"id": any, "subgraphs": [{"name": "a", "url": "http://a", "sdl": "…"}]}
//   out: {"id": any, "errors": [{"code", "message"}], "hints": [{"code", "message"}],
//         "supergraphSdl": string or null, "apiSdl": string or null, "mergedSdl": string or null}
//
// `mergedSdl` is the supergraph that merging made and that is not satisfiable.
// `fault` in an answer means that the reference itself broke (an exception that is no GraphQL error).
// The packages are looked up in the folder that ./install filled.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { homedir } from "node:os";
import { join } from "node:path";

const home = process.env.SOUK_CACHE || join(homedir(), ".cache", "souk");
const require = createRequire(join(home, "oracle", "package.json"));
const { composeServices } = require("@apollo/composition");
const { parse, printSchema } = require("graphql");

const code = (error) => error.extensions?.code ?? "NO_CODE";

function compose({ id, subgraphs }) {
  const answer = { id, errors: [], hints: [], supergraphSdl: null, apiSdl: null, mergedSdl: null };
  const services = [];
  for (const { name, url, sdl } of subgraphs) {
    try {
      services.push({ name, url: url ?? "", typeDefs: parse(sdl) });
    } catch (error) {
      answer.errors.push({ code: "INVALID_GRAPHQL", message: `[${name}] ${error.message}` });
    }
  }
  if (answer.errors.length > 0) return answer;
  try {
    const result = composeServices(services);
    answer.errors = (result.errors ?? []).map((error) => ({ code: code(error), message: error.message }));
    answer.hints = (result.hints ?? []).map((hint) => ({ code: hint.definition.code, message: hint.message }));
    if (result.supergraphSdl) {
      answer.supergraphSdl = result.supergraphSdl;
      answer.apiSdl = printSchema(result.schema.toAPISchema().toGraphQLJSSchema());
    } else {
      answer.mergedSdl = composeServices(services, { runSatisfiability: false }).supergraphSdl ?? null;
    }
  } catch (error) {
    if (error?.extensions?.code) {
      answer.errors.push({ code: code(error), message: error.message });
    } else {
      answer.fault = String(error?.stack ?? error);
    }
  }
  return answer;
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line.trim() === "") continue;
  process.stdout.write(`${JSON.stringify(compose(JSON.parse(line)))}\n`);
}
