/** The options of `onecycle worker`: another way to set variables. */

/** By option, the variable that it sets. */
const variables = {
  redis: 'REDIS_URL',
  devices: 'ONECYCLE_DEVICES',
  labels: 'ONECYCLE_LABELS',
} as const;

/** As the command line has them. */
export type WorkerOptions = Partial<Record<keyof typeof variables | 'storage', string>> & { check?: boolean };

/** Sets the variables. To be called before what reads them is loaded: names in Redis depend on its address. */
export function setVariables({ storage, ...options }: WorkerOptions): void {
  for (const [name, variable] of Object.entries(variables) as [keyof typeof variables, string][])
    if (options[name] !== undefined) process.env[variable] = options[name];
  if (storage !== undefined)
    process.env[storage.startsWith('s3://') ? 'ONECYCLE_STORAGE' : 'ONECYCLE_DATA_DIR'] = storage;
}
