import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../contract.js';

interface Config {
  name?: string;
}

/** A layer of one function of each number. */
abstract class Pointwise extends tf.layers.Layer {
  constructor({ name }: Config = {}) {
    super(name === undefined ? {} : { name });
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => this.compute(Array.isArray(inputs) ? inputs[0] : inputs));
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  protected abstract compute(x: Tensor): Tensor;
}

/** relu6(x + 3)/6, as PyTorch's Hardsigmoid; the `hardSigmoid` of TensorFlow.js has another slope. */
const hardSigmoid = (x: Tensor): Tensor => tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);

/** PyTorch's Hardsigmoid. */
export class HardSigmoid extends Pointwise {
  static readonly className = 'HardSigmoid';
  protected override compute(x: Tensor): Tensor {
    return hardSigmoid(x);
  }
}

/** PyTorch's Hardswish: x · relu6(x + 3)/6. */
export class HardSwish extends Pointwise {
  static readonly className = 'HardSwish';
  protected override compute(x: Tensor): Tensor {
    return tf.mul(x, hardSigmoid(x));
  }
}
