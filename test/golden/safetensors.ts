/** Reads float32 tensors from a safetensors file, by the format's description: header length, JSON header, bytes. */
export function readSafetensors(file: ArrayBuffer): Map<string, Float32Array> {
  const headerLength = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, headerLength))) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >;
  const start = 8 + headerLength;
  return new Map(
    Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(
        ([
          name,
          {
            dtype,
            data_offsets: [from, to],
          },
        ]) => {
          if (dtype !== 'F32') throw new Error(`${name} is ${dtype}, not F32`);
          return [name, new Float32Array(file.slice(start + from, start + to))];
        },
      ),
  );
}
