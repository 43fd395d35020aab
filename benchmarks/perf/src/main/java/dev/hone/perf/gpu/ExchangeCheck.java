package dev.hone.perf.gpu;

import dev.hone.kernels.Device;
import dev.hone.kernels.Nvidia;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Sums and broadcasts between GPUs by NCCL: a process for each GPU of this machine, three for the emulated one. One GPU shows
 * that NCCL opens and does what it is asked for; only more show that tensors arrive.
 */
final class ExchangeCheck {

    private static final int EMULATED = 3;
    private static final int SECONDS = 90;

    private ExchangeCheck() {}

    /** @param obstacle why it was not tried; empty where it was */
    record Result(int processes, List<String> said, String obstacle) implements GpuCheck.Outcome {
        @Override
        public boolean passed() {
            return said.stream().allMatch(ExchangeWorker.SAME::equals);
        }

        @Override
        public String summary() {
            return obstacle.isEmpty()
                    ? processes + " processes have " + String.join(", ", said)
                    : "not tried, " + obstacle;
        }
    }

    static Result run(Device device) {
        if (!device.collects()) {
            return new Result(0, List.of(), device.name() + " has no GPU");
        }
        try {
            device.collectiveMember();
        } catch (RuntimeException e) {
            return new Result(0, List.of(), String.valueOf(e.getMessage()));
        }
        boolean emulated = System.getProperty("hone.cuda.library") != null;
        int size = emulated ? EMULATED : Nvidia.listGpus().size();
        List<Process> processes = new ArrayList<>();
        try {
            for (int rank = 0; rank < size; rank++) {
                processes.add(start(rank, size));
            }
            BufferedReader first = processes.get(0).inputReader(StandardCharsets.UTF_8);
            String id = String.valueOf(first.readLine());
            for (Process other : processes.subList(1, size)) {
                try (OutputStream in = other.getOutputStream()) {
                    in.write((id + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
            List<String> said = new ArrayList<>();
            for (Process process : processes) {
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    said.add("nothing after " + SECONDS + " s");
                    break;
                }
                said.add(String.valueOf(
                        process.inputReader(StandardCharsets.UTF_8).readLine()));
            }
            return new Result(size, said, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private static Process start(int rank, int size) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(
                "-Dhone.gpu=" + rank,
                "-cp",
                System.getProperty("java.class.path"),
                ExchangeWorker.class.getName(),
                Integer.toString(rank),
                Integer.toString(size)));
        return new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    }
}
