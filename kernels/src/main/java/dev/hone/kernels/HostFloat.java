package dev.hone.kernels;

/** The floating-point types of numbers outside a device that it converts itself; codes as in {@link DType}. */
public enum HostFloat {
    F32(0, 4),
    BF16(1, 2),
    F16(5, 2);

    private final int code;
    private final int bytes;

    HostFloat(int code, int bytes) {
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
