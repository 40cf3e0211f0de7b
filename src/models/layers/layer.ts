/** What a file of this folder says of a layer. Imports of the engine are types: to know the layers loads none. */
import { Type, type Static, type TArray, type TInteger, type TLiteral, type TObject, type TOptional } from 'typebox';
import type { TProperties, TString } from 'typebox';
import type { Engine, Layer } from '../../engine/index.js';
import { complete, type Complete } from '../../schema/complete.js';
import { optional, strict } from '../../schema/fields.js';
import { ShapeError } from './shapes.js';
import type { Start } from './starts.js';

/** fastai's kinds: no weight decay on `bias` and `norm`, `norm` trains when frozen, `statistic` is never trained. */
export type ParameterKind = 'weight' | 'bias' | 'norm' | 'statistic';

/** A tensor that a layer holds. */
export interface Parameter<Name extends string = string> {
  name: Name;
  /** Kernels are [in, out] and [height, width, in, out], as in TensorFlow. */
  shape: number[];
  kind: ParameterKind;
  start: Start;
}

/** Where in a model a layer is built. */
export interface Place {
  /** For its first TensorFlow.js layer; others of the same layer add to it. */
  name: string;
  /** Its place among the layers of the model. */
  index: number;
  /** Shape of its (first) input. */
  input: number[];
}

/** The schema of a layer: its type, its own fields, its name, and which layers it takes its input from. */
export type LayerObject<Name extends string, Fields extends TProperties> = TObject<
  { type: TLiteral<Name> } & Fields & { name: TOptional<TString>; inputs: TOptional<TArray<TInteger>> }
>;

/**
 * A layer, as the table of layers has it. `Spec` is what clients write. Methods: the table finds them by a spec's type.
 */
export interface LayerType<Spec = unknown, ParameterName extends string = string> {
  readonly type: string;
  readonly description: string;
  /** What its parameters may be named, in their order. */
  readonly parameterNames: readonly ParameterName[];
  /**
   * The shape of its output, without the batch, by TensorFlow's rules.
   * @throws ShapeError where the inputs don't fit
   */
  outputShape(spec: Spec, inputs: number[][]): number[];
  /** Its parameters in order, given the shape of its (first) input. */
  parameters(spec: Spec, input: number[]): Parameter<ParameterName>[];
  /** Builds it in TensorFlow.js's layers, applied one after another: mostly one, none where there is nothing to do. */
  build(engine: Engine, spec: Spec, place: Place): Layer[];
}

/** A layer with the schema of what clients write. */
export interface DefinedLayer<
  Name extends string,
  Fields extends TProperties,
  ParameterName extends string,
> extends LayerType<Static<LayerObject<Name, Fields>>, ParameterName> {
  readonly schema: LayerObject<Name, Fields>;
}

const inputsField = () =>
  optional(
    Type.Array(Type.Integer({ minimum: -1 }), {
      minItems: 1,
      description:
        'The layers whose outputs are its inputs, by index; -1 is the input of the model. Left out: the layer before it',
    }),
  );

const nameField = () =>
  optional(
    Type.String({
      pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]*$',
      maxLength: 200,
      description: 'Name used for its parameters, as in `NAME.kernel`. Left out: its index in the list of layers',
    }),
  );

/**
 * Declares a layer. Its functions get what clients write with every default filled in.
 * `kinds` names the parameters that it may have, in order, with what each is for; `parameters` says which it has.
 */
export function defineLayer<
  const Name extends string,
  Fields extends TProperties,
  ParameterName extends string = never,
>({
  type,
  description,
  fields,
  joins = false,
  kinds,
  outputShape,
  parameters = () => ({}),
  build,
}: {
  type: Name;
  description: string;
  fields: Fields;
  /** Whether it takes two inputs or more, in place of one. */
  joins?: boolean;
  kinds?: Readonly<Record<ParameterName, ParameterKind>>;
  outputShape: (spec: Complete<LayerObject<Name, Fields>>, ...inputs: number[][]) => number[];
  parameters?: (
    spec: Complete<LayerObject<Name, Fields>>,
    input: number[],
  ) => Partial<Record<ParameterName, Pick<Parameter, 'shape' | 'start'>>>;
  build: (engine: Engine, spec: Complete<LayerObject<Name, Fields>>, place: Place) => Layer[];
}): DefinedLayer<Name, Fields, ParameterName> {
  const schema: LayerObject<Name, Fields> = strict(
    { type: Type.Literal(type), ...fields, name: nameField(), inputs: inputsField() },
    { title: `Layer_${type}`, description },
  );
  const kindOf = Object.entries(kinds ?? {}) as [ParameterName, ParameterKind][]; // its own keys
  return {
    type,
    description,
    schema,
    parameterNames: kindOf.map(([name]) => name),
    outputShape(spec, inputs) {
      if (joins && inputs.length < 2) throw new ShapeError('inputs', `${type} takes two inputs or more`);
      if (!joins && inputs.length !== 1)
        throw new ShapeError('inputs', `${type} takes one input, not ${inputs.length}`);
      return outputShape(complete(schema, spec), ...inputs);
    },
    parameters(spec, input) {
      const own = parameters(complete(schema, spec), input);
      return kindOf.flatMap(([name, kind]) => {
        const parameter = own[name];
        return parameter === undefined ? [] : [{ name, kind, ...parameter }];
      });
    },
    build: (engine, spec, place) => build(engine, complete(schema, spec), place),
  };
}
