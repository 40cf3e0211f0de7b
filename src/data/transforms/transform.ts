/** What a file of this folder says of a transform. */
import { Type, type Static, type TLiteral, type TObject, type TProperties } from 'typebox';
import type { Draw } from '../../numbers/random.js';
import { complete, type Complete } from '../../schema/complete.js';
import { strict } from '../../schema/fields.js';
import type { Cut } from './cut.js';
import type { FloatPicture, Size } from './picture.js';

/** The schema of a transform: its name, and its arguments. */
export type TransformObject<Name extends string, Arguments extends TProperties> = TObject<
  { name: TLiteral<Name> } & Arguments
>;

/**
 * A transform of one picture, as it is decoded: fastai's `item_tfms`. `Spec` is what clients write. Methods: the table
 * finds them by a spec's name.
 */
export interface ItemTransform<Spec = unknown> {
  readonly name: string;
  /** With every default filled in. */
  completed(spec: Spec): Spec;
  /** Of the pictures that it makes. */
  size(spec: Spec): Size;
  /** What it makes of a picture of a size; without `draw`, as where it validates. */
  cut(spec: Spec, picture: Size, draw: Draw | null): Cut;
}

/** A transform of pictures of one size, from 0 to 1: fastai's `batch_tfms`. Methods, as there. */
export interface BatchTransform<Spec = unknown> {
  readonly name: string;
  /** With every default filled in. */
  completed(spec: Spec): Spec;
  /** Lower ones come first, wherever they stand in a list: as fastai sorts them. */
  readonly order: number;
  /** Changes the picture. Without `draw`, as where it validates. */
  apply(spec: Spec, picture: FloatPicture, draw: Draw | null): void;
}

interface Declared<Name extends string, Arguments extends TProperties> {
  name: Name;
  title: string;
  description: string;
  arguments: Arguments;
}

/** The schema of what clients write for a transform. */
function schemaOf<const Name extends string, Arguments extends TProperties>({
  name,
  title,
  description,
  arguments: given,
}: Declared<Name, Arguments>): TransformObject<Name, Arguments> {
  return strict({ name: Type.Literal(name), ...given }, { title, description });
}

/** Declares an item transform. Its functions get what clients write with every default filled in. */
export function defineItemTransform<const Name extends string, Arguments extends TProperties>(
  transform: Declared<Name, Arguments> & {
    size: (spec: Complete<TransformObject<Name, Arguments>>) => Size;
    cut: (spec: Complete<TransformObject<Name, Arguments>>, picture: Size, draw: Draw | null) => Cut;
  },
): ItemTransform<Static<TransformObject<Name, Arguments>>> & { readonly schema: TransformObject<Name, Arguments> } {
  const schema = schemaOf(transform);
  return {
    name: transform.name,
    schema,
    completed: (spec) => complete(schema, spec),
    size: (spec) => transform.size(complete(schema, spec)),
    cut: (spec, picture, draw) => transform.cut(complete(schema, spec), picture, draw),
  };
}

/** Declares a batch transform. Its function gets what clients write with every default filled in. */
export function defineBatchTransform<const Name extends string, Arguments extends TProperties>(
  transform: Declared<Name, Arguments> & {
    order: number;
    apply: (spec: Complete<TransformObject<Name, Arguments>>, picture: FloatPicture, draw: Draw | null) => void;
  },
): BatchTransform<Static<TransformObject<Name, Arguments>>> & { readonly schema: TransformObject<Name, Arguments> } {
  const schema = schemaOf(transform);
  return {
    name: transform.name,
    schema,
    completed: (spec) => complete(schema, spec),
    order: transform.order,
    apply: (spec, picture, draw) => transform.apply(complete(schema, spec), picture, draw),
  };
}

const Side = Type.Integer({ minimum: 1, maximum: 4096 });

/** A square, or a height and a width: as fastai takes it. */
export const SizeSchema = Type.Union([Side, Type.Array(Side, { minItems: 2, maxItems: 2 })], {
  description: 'Size of the resulting pictures: one number for a square, or [height, width]',
  examples: [224],
});

/** A size, as the schema has it. */
export const sizeOf = (size: Static<typeof SizeSchema>): Size =>
  typeof size === 'number' ? { width: size, height: size } : { height: size[0], width: size[1] };
