/** The bodies that `vision` takes by name. */
import type { Body } from './body.js';
import { efficientnetLite0 } from './efficientnet-lite.js';
import { mobilenetV2 } from './mobilenet-v2.js';
import { resnet18, resnet34, resnet50 } from './resnet.js';
import { xresnet18, xresnet34, xresnet50 } from './xresnet.js';

export type { Body, PixelStatistics } from './body.js';

/** A new body is a file beside these and an entry here. */
export const bodies = {
  resnet18,
  resnet34,
  resnet50,
  xresnet18,
  xresnet34,
  xresnet50,
  efficientnet_lite0: efficientnetLite0,
  mobilenet_v2: mobilenetV2,
} as const satisfies Record<string, Body>;

/** The name of one of them. */
export type BodyName = keyof typeof bodies;

/** Their names. */
export const bodyNames = Object.keys(bodies) as BodyName[]; // its own keys

/** Those for which a package of a registry ships weights: src/library/packaged-weights.ts fetches them. */
export const bodiesWithWeights = ['efficientnet_lite0', 'mobilenet_v2'] as const satisfies readonly BodyName[];

/** One of them. */
export type PackagedBody = (typeof bodiesWithWeights)[number];
