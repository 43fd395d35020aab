package dev.hone.trainer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command line in a process of its own, which can be killed. */
public final class HoneProcess {

    private HoneProcess() {}

    /** Starts a command; what it prints goes to {@code log}. */
    public static Process start(Path log, String... arguments) throws IOException {
        return start(log, List.of(), Map.of(), arguments);
    }

    /**
     * Starts a command.
     *
     * @param jvm more options of the virtual machine
     * @param environment more of its environment
     */
    public static Process start(Path log, List<String> jvm, Map<String, String> environment, String... arguments)
            throws IOException {
        return start(log, Path.of("").toAbsolutePath(), jvm, environment, arguments);
    }

    private static Process start(
            Path log, Path folder, List<String> jvm, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx400m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.bytedeco.javacpp.maxbytes=0",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.hone.trainer.cli.Hone"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a command to its end and returns its exit code. */
    public static int run(Path log, String... arguments) throws IOException, InterruptedException {
        return ended(start(log, arguments), log);
    }

    /** The same in a folder, with more of its environment. */
    public static int run(Path log, Path folder, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return ended(start(log, folder, List.of(), environment, arguments), log);
    }

    private static int ended(Process process, Path log) throws IOException, InterruptedException {
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("It hangs:\n" + Files.readString(log));
        }
        return process.exitValue();
    }

    /** Sends a signal by its name. */
    public static void signal(Process process, String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }
}
