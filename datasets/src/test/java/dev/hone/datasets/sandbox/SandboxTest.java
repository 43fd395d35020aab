package dev.hone.datasets.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.datasets.sandbox.SandboxResult.End;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxTest {
    private static final Limits SHORT =
            new Limits(Duration.ofSeconds(20), Duration.ofSeconds(2), 256L << 20, 32, 100_000);

    @TempDir
    Path folder;

    @BeforeAll
    static void isolationWorks() {
        String fault = Sandbox.isolationFault().orElse("");
        assumeTrue(fault.isEmpty(), "code cannot be isolated on this machine: " + fault);
    }

    private static SandboxResult run(String source) throws SandboxUnavailable {
        return run(source, "", SHORT);
    }

    private static SandboxResult run(String source, String input, Limits limits) throws SandboxUnavailable {
        return Sandbox.ofThisMachine("").run(Language.PYTHON, source, input, limits);
    }

    @Test
    void runsAProgramOnItsInput() throws SandboxUnavailable {
        SandboxResult result =
                run("import sys\nprint(sum(map(int, sys.stdin)))\nprint('é', file=sys.stderr)", "1\n2\n", SHORT);

        assertThat(result.out()).isEqualTo("3\n");
        assertThat(result.err()).isEqualTo("é\n");
        assertThat(result.isSuccess()).isTrue();
    }

    @Test
    void tellsHowAProgramFailed() throws SandboxUnavailable {
        assertThat(run("import sys\nsys.exit(7)").exitCode()).isEqualTo(7);
        SandboxResult result = run("x = 1\nraise ValueError('bad')");
        assertThat(result.err()).contains("line 2", "ValueError: bad");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void runsJava() throws SandboxUnavailable {
        SandboxResult result = Sandbox.ofThisMachine("")
                .run(
                        Language.JAVA,
                        "class Main { public static void main(String[] a) { System.out.print(new"
                                + " java.util.Scanner(System.in).nextInt() + 1); } }",
                        "41\n",
                        new Limits(Duration.ofSeconds(30), Duration.ofSeconds(30), 1L << 30, 64, 100_000));

        assertThat(result.out()).as(result.err()).isEqualTo("42");
    }

    @Test
    void stopsALoopThatDoesNotEnd() throws SandboxUnavailable {
        assertThat(run("while True: pass").end()).isIn(End.CPU_LIMIT, End.WALL_LIMIT);
        assertThat(run("import time\ntime.sleep(60)", "", SHORT.withWall(Duration.ofMillis(400)))
                        .end())
                .isEqualTo(End.WALL_LIMIT);
    }

    @Test
    void holdsAForkBomb() throws SandboxUnavailable {
        SandboxResult result = run("""
            import os, time
            children = 0
            try:
                while children < 500:
                    if os.fork() == 0:
                        time.sleep(30)
                        os._exit(0)
                    children += 1
            except OSError:
                pass
            print(children)
            """);

        assertThat(result.end()).isIn(End.EXITED, End.PROCESS_LIMIT);
        assertThat(result.out().isBlank() ? 0 : Integer.parseInt(result.out().strip()))
                .isLessThan(40);
        SandboxResult bomb = run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass");
        assertThat(bomb.end()).isNotEqualTo(End.EXITED);
    }

    @Test
    void holdsAMemoryBomb() throws SandboxUnavailable {
        assertThat(run("x = b'x' * (1 << 32)").end()).isEqualTo(End.MEMORY_LIMIT);
        assertThat(run("x = []\nwhile True: x.append(b'x' * (1 << 20))").end()).isEqualTo(End.MEMORY_LIMIT);
    }

    @Test
    void holdsMemorySpreadOverProcesses() throws SandboxUnavailable {
        SandboxResult result = run("""
            import os, time
            for i in range(8):
                if os.fork() == 0:
                    x = bytearray(100 << 20)
                    for j in range(0, len(x), 4096): x[j] = 1
                    time.sleep(30)
            time.sleep(30)
            """);

        assertThat(result.end()).isEqualTo(End.MEMORY_LIMIT);
    }

    @Test
    void cutsAFloodOfOutput() throws SandboxUnavailable {
        for (String stream : List.of("stdout", "stderr")) {
            SandboxResult result = run("import sys\nwhile True: sys." + stream + ".write('x' * 10000)");
            assertThat(result.end()).isEqualTo(End.OUTPUT_LIMIT);
            // The program may still complain on the other stream before it is gone.
            String flood = stream.equals("stdout") ? result.out() : result.err();
            assertThat(flood).hasSize(100_000);
        }
        assertThat(run("f = open('/tmp/big', 'wb')\nwhile True: f.write(b'x' * 100000)")
                        .isSuccess())
                .isFalse();
    }

    @Test
    void seesNoFileOfTheHost() throws IOException, SandboxUnavailable {
        Path secret = Files.writeString(folder.resolve("secret.txt"), "secret");

        SandboxResult result = run("""
            import os
            for path in ['%s', '/etc/passwd', '/root', '/home', '/var', '/proc/1/root/etc', '/sys', '%s']:
                try:
                    print(path, os.listdir(path) if os.path.isdir(path) else open(path).read())
                except OSError as e:
                    pass
            print(sorted(os.listdir('/')), sorted(os.listdir('/tmp')), sorted(os.environ))
            """.formatted(secret, System.getProperty("user.home")));

        assertThat(result.out().strip())
                .startsWith("['bin', 'dev'")
                .contains("'usr'] [] ['HOME', 'LANG'")
                .doesNotContain("secret", "root:");
    }

    @Test
    void writesNothingOutsideItsScratchFolder() throws SandboxUnavailable {
        SandboxResult result = run("""
            for path in ['/usr/bin/x', '/x', '/bin/x', '/proc/sys/kernel/hostname', '/dev/sda']:
                try:
                    open(path, 'w').write('x')
                    print('wrote', path)
                except OSError:
                    pass
            open('/tmp/x', 'w').write('ok')
            print(open('/tmp/x').read())
            """);

        assertThat(result.out().strip()).isEqualTo("ok");
        assertThat(Path.of("/x")).doesNotExist();
        assertThat(run("import os\nprint(os.path.exists('/tmp/x'))").out()).isEqualTo("False\n");
    }

    @Test
    void followsNoLinkOutOfTheSandbox() throws IOException, SandboxUnavailable {
        Path secret = Files.writeString(folder.resolve("secret.txt"), "secret");

        SandboxResult result = run("""
            import os
            for target in ['%s', '/etc/passwd', '/proc/self/root/etc/passwd', '/proc/1/cwd/etc/passwd', '/proc/self/cwd/../../etc/passwd']:
                try:
                    os.symlink(target, '/tmp/link')
                    print(open('/tmp/link').read())
                except OSError:
                    pass
                os.unlink('/tmp/link')
            try:
                os.symlink('/', '/tmp/root'); os.chroot('/tmp/root'); print('chroot')
            except OSError:
                pass
            print('done')
            """.formatted(secret));

        assertThat(result.out()).isEqualTo("done\n");
    }

    @Test
    void reachesNoNetwork() throws IOException, SandboxUnavailable {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            SandboxResult result = run("""
                import socket
                for address in [('127.0.0.1', %d), ('1.1.1.1', 53)]:
                    try:
                        socket.create_connection(address, timeout=1)
                        print('connected')
                    except OSError:
                        pass
                try:
                    print(socket.getaddrinfo('example.com', 80))
                except OSError:
                    print('no names')
                """.formatted(server.getLocalPort()));

            assertThat(result.out()).isEqualTo("no names\n");
        }
    }

    @Test
    void survivesSignals() throws SandboxUnavailable {
        SandboxResult ignoring = run("""
            import os, signal, time
            for s in range(1, 65):
                try: signal.signal(s, signal.SIG_IGN)
                except (OSError, ValueError): pass
            os.kill(1, signal.SIGKILL); os.kill(os.getppid(), signal.SIGSTOP)
            while True: pass
            """, "", SHORT.withWall(Duration.ofSeconds(4)));
        assertThat(ignoring.end()).isIn(End.WALL_LIMIT, End.CPU_LIMIT, End.EXITED);
        assertThat(ignoring.isSuccess()).isFalse();
        assertThat(run("import os\nos.kill(-1, 9)\nprint('alive')").isSuccess()).isFalse();
        assertThat(run("print('still here')").out()).isEqualTo("still here\n");
    }

    @Test
    void leavesNoProcessBehind() throws SandboxUnavailable, InterruptedException, IOException {
        String mark = "leftover-" + UUID.randomUUID();
        String spawn = """
            import os, subprocess, sys, time
            if os.fork() == 0:
                os.setsid()
                subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)', '%s'],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(300)
            time.sleep(0.3)
            print('started')
            """.formatted(mark);

        assertThat(run(spawn).out()).isEqualTo("started\n");
        assertThat(run(spawn + "time.sleep(300)", "", SHORT.withWall(Duration.ofSeconds(1)))
                        .end())
                .isEqualTo(End.WALL_LIMIT);
        Thread.sleep(200);
        assertThat(commandLines()).noneMatch(line -> line.contains(mark));
    }

    private static List<String> commandLines() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("\\d+"))
                    .map(process -> {
                        try {
                            return Files.readString(process.resolve("cmdline"));
                        } catch (IOException ended) {
                            return "";
                        }
                    })
                    .toList();
        }
    }

    @Test
    void runsOfSeveralThreadsDoNotMix() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> answers = threads.invokeAll(IntStream.range(0, 24)
                    .<Callable<String>>mapToObj(
                            i -> () -> run("print(input())", i + "\n", SHORT).out())
                    .toList());
            for (int i = 0; i < answers.size(); i++) {
                assertThat(answers.get(i).get()).isEqualTo(i + "\n");
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void refusesToRunUnisolatedUnlessToldSoInPlainWords() throws SandboxUnavailable {
        for (String permission : List.of("", "yes", "true", "run untrusted code")) {
            assertThatThrownBy(() -> Sandbox.choose(Optional.of("no bwrap; install it"), permission))
                    .isInstanceOf(SandboxUnavailable.class)
                    .hasMessageContaining("no bwrap; install it")
                    .hasMessageContaining(Sandbox.UNISOLATED);
        }
        Sandbox unisolated = Sandbox.choose(Optional.of("no bwrap"), Sandbox.UNISOLATED);
        assertThat(unisolated.isIsolated()).isFalse();
        assertThat(unisolated
                        .run(Language.PYTHON, "print(input())", "hello", SHORT)
                        .out())
                .isEqualTo("hello\n");
        assertThat(unisolated
                        .run(Language.PYTHON, "import time\ntime.sleep(60)", "", SHORT.withWall(Duration.ofMillis(300)))
                        .end())
                .isEqualTo(End.WALL_LIMIT);
        assertThat(Sandbox.choose(Optional.empty(), "").isIsolated()).isTrue();
    }

    @Test
    void refusesLimitsThatLimitNothing() {
        assertThatThrownBy(() -> SHORT.withWall(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
    }
}
