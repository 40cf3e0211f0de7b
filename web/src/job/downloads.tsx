/** What can be taken away from a job. */
import type { JobRecord, MetricsFormat, ModelFormat } from '../../../src/client/index.js';
import { ButtonLink } from '../parts/button.js';

const models: Readonly<Record<ModelFormat, string>> = {
  'layers-model': 'TensorFlow.js LayersModel',
  onnx: 'ONNX',
  safetensors: 'safetensors',
  onecycle: 'onecycle',
};
const curves: Readonly<Record<MetricsFormat, string>> = {
  csv: 'CSV',
  jsonl: 'JSON lines',
  parquet: 'Parquet',
  tensorboard: 'TensorBoard',
};

/** The trained model in each format, and the curves. */
export function Downloads({ record: { id, status, type } }: { record: JobRecord }) {
  const trained = status === 'completed' && type === 'fit';
  return (
    <dl class="downloads">
      {trained && (
        <>
          <dt>Model</dt>
          <dd class="row">
            {Object.entries(models).map(([format, title]) => (
              <ButtonLink key={format} href={`/jobs/${id}/model?format=${format}`} download>
                {title}
              </ButtonLink>
            ))}
            <ButtonLink href={`/jobs/${id}/weights`} download>
              Weights
            </ButtonLink>
          </dd>
        </>
      )}
      <dt>Curves</dt>
      <dd class="row">
        {Object.entries(curves).map(([format, title]) => (
          <ButtonLink key={format} href={`/jobs/${id}/metrics?format=${format}`} download>
            {title}
          </ButtonLink>
        ))}
        <ButtonLink href={`/jobs/${id}/metrics?format=json`}>JSON</ButtonLink>
      </dd>
    </dl>
  );
}
