package dev.hone.trainer.faults;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;

/**
 * A server of S3's protocol in a process of its own: Moto (Apache 2.0), because it installs with pip and starts in a
 * second, where those written in Java bring Spring or the clients of every cloud.
 */
record MotoServer(Process process, int port) implements AutoCloseable {

    private static final String COMMAND = System.getenv().getOrDefault("HONE_MOTO_SERVER", "moto_server");

    /** Starts one with an empty bucket called {@code bucket}. */
    static MotoServer start(Path log) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process;
        try {
            process = new ProcessBuilder(COMMAND, "-H", "127.0.0.1", "-p", Integer.toString(port))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("Needs Moto: pip install 'moto[server]', and moto_server on the path", e);
        }
        MotoServer server = new MotoServer(process, port);
        server.makeBucket();
        return server;
    }

    private void makeBucket() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/bucket"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        for (int tries = 0; process.isAlive() && tries < 600; tries++) {
            try {
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
                return;
            } catch (IOException notYet) {
                Thread.sleep(50);
            }
        }
        throw new AssertionError("Moto does not start");
    }

    /** What tells AWS's client of it. */
    Map<String, String> environment() {
        return Map.of(
                "AWS_ENDPOINT_URL", "http://127.0.0.1:" + port,
                "AWS_ACCESS_KEY_ID", "test",
                "AWS_SECRET_ACCESS_KEY", "test",
                "AWS_EC2_METADATA_DISABLED", "true");
    }

    /** The same, for AWS's client in this process. */
    void properties() {
        System.setProperty("aws.endpointUrl", "http://127.0.0.1:" + port);
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        System.setProperty("aws.disableEc2Metadata", "true");
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly();
        process.waitFor();
    }
}
