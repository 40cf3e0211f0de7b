/** Models as pure data: no engine is loaded from here (`build.ts` makes them on one). */
export { inputShape, inputsOf, planModel, targetSize, type ModelDescription } from './plan.js';
export type { ModelInput } from '../data/types.js';
export { layers } from './layers/index.js';
export { bodyOfPackage } from './presets/vision.js';
export { presetNames, presets } from './presets/index.js';
export { headLayers, takeFrom, takeTensors, type NamedShape, type Taken } from './take.js';
export { initialWeights, namedWeights, readGivenWeights, tensorName, weightsFrom, withGiven } from './weights.js';
export { readSafetensors, safetensorsParts, type SafetensorsFile, type Tensor } from './safetensors.js';
export * from './spec.js';
export {
  keptModelIn,
  modelMetadata,
  readHeader,
  readTrainedModel,
  type Activation,
  type KeptModel,
  type ReadRange,
  type TrainedModel,
} from './kept-model.js';
export { answersOf, classNames, type Answer, type Answers } from './answers.js';
