import { azureFailure } from './azure/azure-failures.js';
import type { Call } from './http/call.js';
import { jsonReply, type Reply } from './http/reply.js';
import { openaiError } from './openai/openai-failures.js';
import { routeOf } from './route.js';
import { OUTPUT_ACCIDENTS } from './scenarios/output-accidents.js';
import type { Script, ScriptedCall } from './scenarios/script.js';
import { delayNamed, WIRE_ACCIDENTS } from './scenarios/wire-accidents.js';
import { standIn } from './stand-in/stand-in.js';
import { cutToLimits } from './tokens.js';
import type { GeneratedAnswer, Route, Wire } from './wire.js';

/** Answers one call: as the script plans it, else by the scenario in the model's name, else by the stand-in model. */
export function answerCall(call: Call, script: Script): Reply {
  const route = routeOf(call);
  if (route === undefined) return unknownPath(call);
  const scripted = script.take(call, route.wire.provider);
  const reply =
    scripted === undefined ? unscripted(call, route) : asScripted(call, route, scripted);
  return scripted?.delayMs === undefined ? reply : { ...reply, delayMs: scripted.delayMs };
}

function asScripted(call: Call, route: Route, { reply, scenario, answer }: ScriptedCall): Reply {
  if (reply !== undefined) return reply(call);
  if (scenario !== undefined) return asScenario(call, route, scenario) ?? unknownScenario(scenario);
  if (answer === undefined) return unscripted(call, route);
  const text = typeof answer === 'string' ? answer : answer(call);
  return answered(call, route, (good) => ({ ...good, text }));
}

/** A missing or wrong key is refused before the scenario in the model's name is read. */
function unscripted(call: Call, route: Route): Reply {
  const { wire } = route;
  const refused = wire.refuseCaller(call);
  if (refused !== undefined) return wire.failed(call, refused);
  const scenario = /^sim-(.+)$/.exec(wire.modelOf(call))?.[1];
  if (scenario === undefined || scenario === 'ok') return answered(call, route);
  return asScenario(call, route, scenario) ?? wire.failed(call, notFound(wire));
}

/** The reply of a scenario; undefined if neither the provider's failures nor the accidents have this name. */
function asScenario(call: Call, route: Route, name: string): Reply | undefined {
  const { wire } = route;
  const failure = wire.failures.find((row) => row.name === name);
  if (failure !== undefined) return wire.failed(call, failure);
  const accident = WIRE_ACCIDENTS.find((row) => row.name === name) ?? delayNamed(name);
  if (accident !== undefined) return accident.reply(call, wire, () => answered(call, route));
  const output = OUTPUT_ACCIDENTS.find((row) => row.name === name);
  if (output === undefined) return undefined;
  const key = wire.keyOf(call) ?? '';
  return answered(call, route, (good) => ({
    ...good,
    ...output.generate(wire.asked(call), good, key),
  }));
}

function answered(
  call: Call,
  { wire, kind }: Route,
  change = (good: GeneratedAnswer): GeneratedAnswer => good,
): Reply {
  if (kind === 'models') {
    const unknown = wire.modelOf(call).includes('does-not-exist');
    return unknown ? wire.failed(call, notFound(wire)) : wire.models(call);
  }
  if (kind === 'embeddings' && wire.embeddings !== undefined) return wire.embeddings(call);
  const refused = wire.refuseBody(call);
  if (refused !== undefined) return wire.failed(call, refused);
  const asked = wire.asked(call);
  return wire.completion(call, asked, change(cutToLimits(standIn(asked), asked)));
}

function notFound(wire: Wire) {
  const failure = wire.failures.find(({ name }) => name === 'model-not-found');
  if (failure === undefined) throw new Error('The failure table has no row model-not-found');
  return failure;
}

function unknownScenario(name: string): never {
  throw new Error(`The simulator has no scenario named ${name} for this provider`);
}

function unknownPath(call: Call): Reply {
  if (call.path.startsWith('/openai')) {
    return jsonReply(404, azureFailure('wrong-path').body(call));
  }
  return jsonReply(404, openaiError(`Invalid URL (${call.method} ${call.path})`));
}
