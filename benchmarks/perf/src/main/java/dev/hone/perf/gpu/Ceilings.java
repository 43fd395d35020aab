package dev.hone.perf.gpu;

import dev.hone.kernels.Device;

/**
 * What a device can do at most, as measured: a copy of its memory, and a large bfloat16 product.
 *
 * @param copy in bytes a second, read and written
 * @param matmul in operations a second
 */
record Ceilings(double copy, double matmul) {

    private static final int CALLS = 30;

    /** @param shrink divides the sizes, for a trial run on a slower device */
    static Ceilings measure(Device device, int shrink) {
        return new Ceilings(rate(OpRows.COPY, device, shrink), matmul(device, shrink));
    }

    /** The second alone, in operations a second. */
    static double matmul(Device device, int shrink) {
        return rate(OpRows.LARGE_MATMUL, device, shrink);
    }

    private static double rate(String what, Device device, int shrink) {
        OpRows.Row row = new OpRows(device, shrink)
                .all().stream()
                        .filter(one -> one.what().equals(what))
                        .findFirst()
                        .orElseThrow();
        try (OpTimer timer = new OpTimer(device, shrink);
                Lab lab = new Lab(device, row.bytes())) {
            return row.work() / Spread.median(timer.seconds(row.prepare().apply(lab), shrink > 1 ? 3 : CALLS));
        }
    }
}
