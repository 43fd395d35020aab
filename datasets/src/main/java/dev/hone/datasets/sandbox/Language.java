package dev.hone.datasets.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;

/** A language programs are written in. Its starter reads the source from standard input: a line with its bytes, then it. */
public enum Language {
    PYTHON {
        @Override
        List<String> starter() throws SandboxUnavailable {
            return List.of(interpreter("python3", "install python3"), "-I", "-B", "-c", PYTHON_STARTER);
        }
    },
    JAVA {
        @Override
        List<String> starter() throws SandboxUnavailable {
            String java = jdk().resolve("bin/java").toString();
            return List.of(
                    "/bin/sh",
                    "-c",
                    "read -r n && head -c \"$n\" > Main.java && exec " + java
                            + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Xss64m -Xmx512m Main.java");
        }

        @Override
        List<String> visible() {
            // Debian's JDK keeps its settings there.
            try (Stream<Path> entries = Files.list(Path.of("/etc"))) {
                return entries.map(Path::toString)
                        .filter(entry -> entry.matches("/etc/java-\\d+-openjdk"))
                        .sorted()
                        .toList();
            } catch (IOException e) {
                return List.of();
            }
        }

        @Override
        boolean limitsAddressSpace() {
            // The virtual machine reserves far more than it uses; -Xmx and the watch over resident memory limit it.
            return false;
        }
    };

    /** The rest of standard input is the program's, as a file in memory: some programs ask for its size. */
    private static final String PYTHON_STARTER = """
        import os, sys
        def start():
            with os.fdopen(os.dup(0), 'rb') as given:
                source = given.read(int(given.readline())).decode('utf-8', 'replace')
                file = os.memfd_create('input')
                with os.fdopen(os.dup(file), 'wb') as own:
                    own.write(given.read())
            os.lseek(file, 0, os.SEEK_SET)
            os.dup2(file, 0)
            os.close(file)
            sys.argv = ['solution.py']
            return compile(source, 'solution.py', 'exec')
        exec(start(), sys.modules['__main__'].__dict__)
        """;

    /** The command that reads the source and runs it. */
    abstract List<String> starter() throws SandboxUnavailable;

    /** Folders beside /usr it must see. */
    List<String> visible() {
        return List.of();
    }

    boolean limitsAddressSpace() {
        return true;
    }

    /** Only what is in /usr can be seen in the sandbox. */
    private static String interpreter(String name, String remedy) throws SandboxUnavailable {
        return Stream.of("/usr/bin/", "/usr/local/bin/")
                .map(folder -> folder + name)
                .filter(path -> Files.isExecutable(Path.of(path)))
                .findFirst()
                .orElseThrow(() -> new SandboxUnavailable("there is no /usr/bin/" + name + "; " + remedy));
    }

    private static Path jdk() throws SandboxUnavailable {
        Path own = Path.of(System.getProperty("java.home"));
        if (isJdk(own)) {
            return own;
        }
        try (Stream<Path> installed = Files.list(Path.of("/usr/lib/jvm"))) {
            Optional<Path> found = installed.filter(Language::isJdk).sorted().findFirst();
            return found.orElseThrow();
        } catch (IOException | NoSuchElementException e) {
            throw new SandboxUnavailable("there is no JDK in /usr/lib/jvm; install one, 17 or newer");
        }
    }

    private static boolean isJdk(Path home) {
        return home.startsWith("/usr") && Files.isExecutable(home.resolve("bin/javac"));
    }
}
