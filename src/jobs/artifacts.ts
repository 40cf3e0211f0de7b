/** The names of a job's files in storage. */
export const artifacts = {
  folder: (id: string) => `jobs/${id}`,
  /** As the client gave them: JSON. */
  dataset: (id: string) => `jobs/${id}/dataset.json`,
  weightsBefore: (id: string) => `jobs/${id}/weights_before.json`,
  /** Its results. */
  result: (id: string, file: string) => `jobs/${id}/${file}`,
  weights: (id: string) => `jobs/${id}/weights.safetensors`,
  state: (id: string) => `jobs/${id}/state.safetensors`,
} as const;
