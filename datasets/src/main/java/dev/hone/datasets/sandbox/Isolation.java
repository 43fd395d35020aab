package dev.hone.datasets.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Isolation by bubblewrap: namespaces of its own for users, processes, the network, host name and System V objects;
 * of the file system only /usr, read-only, and an empty folder in memory; no capabilities; limits on resources inside.
 */
final class Isolation {
    private static final long SCRATCH_BYTES = 64L << 20;

    /** Nobody's number, so that limits on processes hold: they do not for root. */
    private static final String NOBODY = "65534";

    private static final Isolation HERE = probe();

    private final List<String> prefix;
    private final Optional<String> fault;

    private Isolation(List<String> prefix, Optional<String> fault) {
        this.prefix = List.copyOf(prefix);
        this.fault = fault;
    }

    /** That of this machine, tried once. */
    static Isolation ofThisMachine() {
        return HERE;
    }

    /** Why it does not work here; empty where it does. */
    Optional<String> fault() {
        return fault;
    }

    /** The command that starts a language isolated and limited. */
    List<String> wrap(Language language, Limits limits) throws SandboxUnavailable {
        List<String> wrapped = new ArrayList<>(prefix);
        for (String folder : language.visible()) {
            wrapped.addAll(List.of("--ro-bind", folder, folder));
        }
        wrapped.addAll(List.of("--remount-ro", "/", "--"));
        wrapped.addAll(limited(language.starter(), limits, language.limitsAddressSpace()));
        return wrapped;
    }

    /** The command under limits of resources alone. */
    static List<String> limited(List<String> command, Limits limits, boolean limitsAddressSpace) {
        List<String> limited = new ArrayList<>(List.of(
                "/usr/bin/prlimit",
                // A second more before the kernel kills: the first signal says why.
                "--cpu=" + limits.cpu().toSeconds() + ":" + (limits.cpu().toSeconds() + 1),
                "--nproc=" + limits.processes(),
                "--fsize=" + limits.outputBytes(),
                "--nofile=256",
                "--core=0"));
        if (limitsAddressSpace) {
            limited.add("--as=" + limits.memoryBytes());
        }
        limited.add("--");
        limited.addAll(command);
        return limited;
    }

    private static Isolation probe() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return new Isolation(
                    List.of(),
                    Optional.of("bubblewrap isolates on Linux only; run hone in a Linux machine or container"));
        }
        if (!Files.isExecutable(Path.of("/usr/bin/bwrap"))) {
            return new Isolation(
                    List.of(),
                    Optional.of("there is no /usr/bin/bwrap; install it with: sudo apt-get install bubblewrap"));
        }
        List<String> prefix = prefix();
        try {
            List<String> command = new ArrayList<>(prefix);
            command.addAll(List.of("--remount-ro", "/", "--", "/usr/bin/true"));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return new Isolation(
                        prefix,
                        Optional.of(
                                "bubblewrap did not start within 10 s; try: bwrap --unshare-all --ro-bind / / true"));
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return new Isolation(
                    prefix,
                    process.exitValue() == 0
                            ? Optional.empty()
                            : Optional.of("bubblewrap cannot isolate (" + said
                                    + "); allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1, in"
                                    + " Docker --security-opt seccomp=unconfined"));
        } catch (IOException e) {
            return new Isolation(prefix, Optional.of("bubblewrap cannot be started: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Isolation(prefix, Optional.of("interrupted while trying bubblewrap"));
        }
    }

    private static List<String> prefix() {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(
                    List.of("/usr/bin/setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--"));
        }
        command.addAll(List.of(
                "/usr/bin/bwrap",
                "--unshare-all",
                "--unshare-user",
                "--disable-userns",
                "--uid",
                NOBODY,
                "--gid",
                NOBODY,
                "--cap-drop",
                "ALL",
                "--die-with-parent",
                "--new-session",
                "--hostname",
                "sandbox",
                "--clearenv"));
        Map.of("PATH", "/usr/bin:/bin", "HOME", "/tmp", "LANG", "C.UTF-8", "OMP_NUM_THREADS", "1")
                .forEach((name, value) -> command.addAll(List.of("--setenv", name, value)));
        command.addAll(List.of("--ro-bind", "/usr", "/usr"));
        for (String folder : List.of("bin", "lib", "lib64")) {
            command.addAll(List.of("--symlink", "usr/" + folder, "/" + folder));
        }
        command.addAll(List.of("--proc", "/proc", "--dev", "/dev"));
        // What is written goes to memory: into two folders of limited size, and nowhere else.
        for (String folder : List.of("/tmp", "/dev/shm")) {
            command.addAll(List.of("--size", String.valueOf(SCRATCH_BYTES), "--tmpfs", folder));
        }
        command.addAll(List.of("--remount-ro", "/dev", "--chdir", "/tmp"));
        return command;
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }
}
