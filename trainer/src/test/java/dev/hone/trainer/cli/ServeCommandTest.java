package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hone serve} in a process of its own: who can reach it. */
class ServeCommandTest {
    private static final String BASE = Path.of("..", "recipes", "quickstart", "base")
            .toAbsolutePath()
            .normalize()
            .toString();
    private static final Pattern SERVED = Pattern.compile("is served at http://(\\S+):(\\d+)/v1;");
    private static final int CONNECT_MILLIS = 5_000;

    @TempDir
    private Path folder;

    @Test
    void isReachedByLoopbackAloneUnlessToldOtherwise() throws Exception {
        try (Served served = Served.start(folder.resolve("default.log"))) {
            assertThat(served.host()).isEqualTo("127.0.0.1");
            assertThat(models("127.0.0.1", served.port())).contains("\"base\"");
            for (InetAddress address : otherAddresses()) {
                assertThatThrownBy(() -> connect(address, served.port()))
                        .as(address.toString())
                        .isInstanceOf(ConnectException.class);
            }
        }
        try (Served served = Served.start(folder.resolve("everywhere.log"), "--host", "0.0.0.0")) {
            for (InetAddress address : otherAddresses()) {
                assertThat(models(address.getHostAddress(), served.port()))
                        .as(address.toString())
                        .contains("\"base\"");
            }
        }
    }

    /** This machine's, but for 127.0.0.1: of its other interfaces, and on Linux one more of loopback's. */
    private static List<InetAddress> otherAddresses() throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
            if (each.isUp() && !each.isLoopback()) {
                each.inetAddresses()
                        .filter(address -> address.getAddress().length == 4)
                        .forEach(addresses::add);
            }
        }
        if (System.getProperty("os.name").equals("Linux")) {
            addresses.add(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}));
        }
        assertThat(addresses).isNotEmpty();
        return addresses;
    }

    private static void connect(InetAddress address, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
        }
    }

    private static String models(String host, int port) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + ":" + port + "/v1/models"))
                .timeout(Duration.ofSeconds(30))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private record Served(Process process, String host, int port) implements AutoCloseable {

        static Served start(Path log, String... more) throws Exception {
            String[] arguments = Stream.concat(Stream.of("serve", BASE, "--port", "0"), Stream.of(more))
                    .toArray(String[]::new);
            Process process = HoneProcess.start(log, arguments);
            long patience = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (process.isAlive() && System.nanoTime() < patience) {
                Matcher served = SERVED.matcher(Files.readString(log));
                if (served.find()) {
                    return new Served(process, served.group(1), Integer.parseInt(served.group(2)));
                }
                Thread.sleep(20);
            }
            process.destroyForcibly();
            throw new AssertionError("It does not serve:\n" + Files.readString(log));
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
