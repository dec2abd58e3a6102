export { FLAVOURS, type Flavour } from './compat/flavours.js';
export type { Call } from './http/call.js';
export { eventsReply, jsonReply, type Reply, textReply } from './http/reply.js';
export { scenarioNames } from './scenarios/scenario-names.js';
export type { ScriptedCall } from './scenarios/script.js';
export {
  type RecordedCall,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from './simulator.js';
export { STAND_IN_SENTENCE } from './stand-in/stand-in.js';
export type { SimulatedProvider } from './wire.js';
