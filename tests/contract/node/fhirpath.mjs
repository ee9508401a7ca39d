// The reference engine of FHIRPath (npm `fhirpath`) evaluates a corpus. Standard input: cases of {text, base, focus,
// names, variables}; a variable has a name, text, base and focus of its own. Standard output: what each gives, or
// {error}.

import { text } from 'node:stream/consumers';

import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';

const cases = JSON.parse(await text(process.stdin));

const on = ({ text: expression, base, focus }, names) =>
  fhirpath.evaluate(focus, base ? { base, expression } : expression, names, r4);

function evaluated(one) {
  const names = { ...one.names };
  for (const variable of one.variables) names[variable.name] = on(variable, names);
  return on(one, names);
}

function tried(one) {
  try {
    return evaluated(one);
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
}

process.stdout.write(JSON.stringify(cases.map(tried)));
