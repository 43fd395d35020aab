package dev.hone.kernels;

/**
 * A GPU of NVIDIA's.
 *
 * @param capability its compute capability: "9.0"
 * @param memory bytes, in all
 */
public record Gpu(String name, String capability, long memory) {

    /** Whether its compute capability is {@code other} or a newer one. */
    public boolean isAtLeast(String other) {
        return number(capability) >= number(other);
    }

    private static int number(String capability) {
        int point = capability.indexOf('.');
        return 100 * Integer.parseInt(capability.substring(0, point))
                + Integer.parseInt(capability.substring(point + 1));
    }
}
