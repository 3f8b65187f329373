package plaudit.model;

/** The number formats of the safetensors format. */
public enum Dtype {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U64(8),
  U32(4),
  U16(2),
  U8(1),
  BOOL(1),
  F8_E4M3(1),
  F8_E5M2(1);

  private final int bytes;

  Dtype(int bytes) {
    this.bytes = bytes;
  }

  /** What {@code config.json} calls a format of weights. */
  String torchName() {
    return switch (this) {
      case F16 -> "float16";
      case BF16 -> "bfloat16";
      default -> "float32";
    };
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }
}
