/** onnxruntime-node, as far as tests use it: the package comes without its types. */
import { createRequire } from 'node:module';

interface OnnxTensor {
  data: Float32Array;
  dims: readonly number[];
}
interface OnnxRuntime {
  InferenceSession: {
    create(file: Uint8Array): Promise<{ run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>> }>;
  };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

const runtime = createRequire(import.meta.url)('onnxruntime-node') as OnnxRuntime;

/** The outputs of an ONNX file by name, for rows of its input `x`. */
export async function runOnnx(
  file: Uint8Array,
  x: Float32Array,
  dims: readonly number[],
): Promise<Record<string, OnnxTensor>> {
  const session = await runtime.InferenceSession.create(file);
  return session.run({ x: new runtime.Tensor('float32', x, dims) });
}
