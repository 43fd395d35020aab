package dev.hone.kernels;

/** The element types of tensors; codes are those of {@code hone::DType} in kernels.hpp. */
public enum DType {
    F32(0, 4),
    BF16(1, 2),
    I32(2, 4),
    I64(3, 8),
    U8(4, 1),
    I16(6, 2);

    private final int code;
    private final int bytes;

    DType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    public int code() {
        return code;
    }

    /** Bytes an element. */
    public int bytes() {
        return bytes;
    }
}
