package dev.hone.perf.gpu;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * One of the processes of {@link ExchangeCheck}: {@code ExchangeWorker RANK SIZE}. Rank 0 prints the id that the others read;
 * each prints {@link #SAME} at last, or what is wrong.
 */
public final class ExchangeWorker {

    static final String SAME = "same bits";

    /** None, fewer than processes, no multiple of anything, more than a chunk. */
    private static final int[] SIZES = {0, 1, 1001, (16 << 20) + 5};

    private ExchangeWorker() {}

    public static void main(String[] arguments) throws IOException {
        int rank = Integer.parseInt(arguments[0]);
        int size = Integer.parseInt(arguments[1]);
        try (Device device = Devices.open("cuda")) {
            device.collectiveMember();
            device.joinCollective(id(device, rank), rank, size);
            System.out.println(check(device, rank, size));
            device.leaveCollective();
        }
        System.exit(0);
    }

    private static byte[] id(Device device, int rank) throws IOException {
        if (rank == 0) {
            byte[] id = device.newCollectiveId();
            System.out.println(HexFormat.of().formatHex(id));
            return id;
        }
        return HexFormat.of()
                .parseHex(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
    }

    private static String check(Device device, int rank, int size) {
        for (int n : SIZES) {
            float[] own = numbers(rank, n);
            float[] first = numbers(0, n);
            float[] sums = first.clone();
            for (int other = 1; other < size; other++) {
                float[] more = numbers(other, n);
                for (int i = 0; i < n; i++) {
                    sums[i] += more[i];
                }
            }
            if (!Arrays.equals(exchanged(device, own, true), sums)) {
                return "rank " + rank + " has other sums of " + n + " numbers";
            }
            if (!Arrays.equals(exchanged(device, own, false), first)) {
                return "rank " + rank + " has other " + n + " numbers than rank 0";
            }
        }
        return SAME;
    }

    /** Of {@code own} by all_reduce or by broadcast_bytes. */
    private static float[] exchanged(Device device, float[] own, boolean reduced) {
        try (Arena arena = device.arena(Math.max(1, Arena.bytes(DType.F32, own.length)))) {
            Tensor x = arena.allocate(DType.F32, own.length);
            device.write(own, x);
            if (reduced) {
                device.allReduce(x);
            } else {
                device.broadcastBytes(x);
            }
            float[] after = new float[own.length];
            device.read(x, after);
            return after;
        }
    }

    /** A rank's, whose sum depends on the order that they are added in. */
    private static float[] numbers(int rank, int n) {
        SplittableRandom random = new SplittableRandom(rank);
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = (float) Math.scalb(random.nextDouble() - 0.5, random.nextInt(30));
        }
        return numbers;
    }
}
