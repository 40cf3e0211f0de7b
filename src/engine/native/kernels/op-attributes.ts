import type { Binding, OpAttribute } from '../backend.js';

/** Makes the attributes of ops that we call ourselves; `name` is the attribute's name in TensorFlow. */
export class OpAttributes {
  constructor(private readonly binding: Binding) {}

  type(name: string, dtype: 'float32' | 'int32' = 'float32'): OpAttribute {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = this.binding;
    return { name, type: TF_ATTR_TYPE, value: dtype === 'int32' ? TF_INT32 : TF_FLOAT };
  }

  bool(name: string, value: boolean): OpAttribute {
    return { name, type: this.binding.TF_ATTR_BOOL, value };
  }

  float(name: string, value: number): OpAttribute {
    return { name, type: this.binding.TF_ATTR_FLOAT, value };
  }

  string(name: string, value: string): OpAttribute {
    return { name, type: this.binding.TF_ATTR_STRING, value };
  }
}
