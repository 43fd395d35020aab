package dev.hone.trainer.logging;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run on an MLflow server, by its REST API (mlflow.org, "REST API", 2.0): metrics as they come, the recipe's keys as
 * parameters, the report as an artifact. A thread of its own sends them; where the server does not keep up or is away,
 * figures are dropped with one warning, and the run neither waits nor stops.
 */
public final class MlflowWriter implements EventWriter {

    /** How to reach a server; the words are those of MLflow's own clients. */
    public record Server(
            URI trackingUri, String experiment, @Nullable String authorization) {

        /** Credentials come from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and _PASSWORD, never from a recipe. */
        public static Server of(URI trackingUri, String experiment, Map<String, String> environment) {
            @Nullable String token = environment.get("MLFLOW_TRACKING_TOKEN");
            @Nullable String user = environment.get("MLFLOW_TRACKING_USERNAME");
            if (token != null) {
                return new Server(trackingUri, experiment, "Bearer " + token);
            }
            if (user == null) {
                return new Server(trackingUri, experiment, null);
            }
            String both = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
            return new Server(
                    trackingUri,
                    experiment,
                    "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** The server refused, or is not there. */
    private static final class Unreachable extends Exception {
        private static final long serialVersionUID = 1;

        Unreachable(String message) {
            super(message);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(MlflowWriter.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int QUEUED_EVENTS = 10_000;
    private static final int METRICS_A_REQUEST = 1000;
    private static final int PARAMETERS_A_REQUEST = 100;
    private static final int LONGEST_PARAMETER = 500;

    private final Server server;
    private final String name;
    private final Map<String, String> parameters;
    private final List<Path> artifacts;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final BlockingQueue<JsonNode> queue = new ArrayBlockingQueue<>(QUEUED_EVENTS);
    private final Thread sender = new Thread(this::send, "mlflow");
    private volatile boolean closing;
    private boolean dropped;

    /**
     * @param name the run's
     * @param artifacts files that are sent when the run ends, where they are there by then
     */
    public MlflowWriter(Server server, String name, Map<String, String> parameters, List<Path> artifacts) {
        this.server = server;
        this.name = name;
        this.parameters = parameters;
        this.artifacts = artifacts;
        sender.setDaemon(true);
        sender.start();
    }

    @Override
    public void write(JsonNode event) {
        if (!queue.offer(event) && !dropped) {
            dropped = true;
            LOG.warn("MLflow at {} does not keep up; some figures are not sent", server.trackingUri());
        }
    }

    private void send() {
        try {
            String experiment = experiment();
            JsonNode run = start(experiment);
            String id = run.path("info").path("run_id").asString("");
            String status = "KILLED";
            while (!closing || !queue.isEmpty()) {
                JsonNode first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                List<JsonNode> events = new ArrayList<>(List.of(first));
                queue.drainTo(events);
                log(id, events);
                for (JsonNode event : events) {
                    if (event.path("event").asString("").equals("run_ended")) {
                        status = "FINISHED";
                    }
                }
            }
            sendArtifacts(run.path("info").path("artifact_uri").asString(""));
            ObjectNode end = JSON.createObjectNode();
            end.put("run_id", id)
                    .put("status", status)
                    .put("end_time", Instant.now().toEpochMilli());
            post("runs/update", end);
        } catch (Unreachable e) {
            LOG.warn("MLflow at {}: {}; the run goes on without", server.trackingUri(), e.getMessage());
            closing = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String experiment() throws Unreachable, InterruptedException {
        HttpResponse<String> found = call(request("experiments/get-by-name?experiment_name="
                        + URLEncoder.encode(server.experiment(), StandardCharsets.UTF_8))
                .GET());
        if (found.statusCode() == 200) {
            return JSON.readTree(found.body())
                    .path("experiment")
                    .path("experiment_id")
                    .asString("");
        }
        return post("experiments/create", JSON.createObjectNode().put("name", server.experiment()))
                .path("experiment_id")
                .asString("");
    }

    private JsonNode start(String experiment) throws Unreachable, InterruptedException {
        ObjectNode create = JSON.createObjectNode();
        create.put("experiment_id", experiment)
                .put("run_name", name)
                .put("start_time", Instant.now().toEpochMilli());
        JsonNode run = post("runs/create", create).path("run");
        List<Map.Entry<String, String>> all = new ArrayList<>(parameters.entrySet());
        for (int from = 0; from < all.size(); from += PARAMETERS_A_REQUEST) {
            ObjectNode batch = JSON.createObjectNode();
            batch.put("run_id", run.path("info").path("run_id").asString(""));
            ArrayNode list = batch.putArray("params");
            all.subList(from, Math.min(all.size(), from + PARAMETERS_A_REQUEST))
                    .forEach(parameter -> list.addObject()
                            .put("key", parameter.getKey())
                            .put(
                                    "value",
                                    parameter
                                            .getValue()
                                            .substring(
                                                    0,
                                                    Math.min(
                                                            LONGEST_PARAMETER,
                                                            parameter.getValue().length()))));
            post("runs/log-batch", batch);
        }
        return run;
    }

    private void log(String id, List<JsonNode> events) throws Unreachable, InterruptedException {
        List<ObjectNode> metrics = new ArrayList<>();
        for (JsonNode event : events) {
            Scalars.of(event).forEach((tag, value) -> {
                if (Double.isFinite(value)) {
                    metrics.add(JSON.createObjectNode()
                            .put("key", tag.replaceAll("[^\\w./ -]", "_"))
                            .put("value", value)
                            .put("timestamp", Scalars.time(event).toEpochMilli())
                            .put("step", event.path("step").asLong(0)));
                }
            });
        }
        for (int from = 0; from < metrics.size(); from += METRICS_A_REQUEST) {
            ObjectNode batch = JSON.createObjectNode();
            batch.put("run_id", id);
            batch.putArray("metrics").addAll(metrics.subList(from, Math.min(metrics.size(), from + METRICS_A_REQUEST)));
            post("runs/log-batch", batch);
        }
    }

    /** Where the server keeps artifacts itself; other stores want their own client. */
    private void sendArtifacts(String uri) throws Unreachable, InterruptedException {
        if (!uri.startsWith("mlflow-artifacts:")) {
            return;
        }
        String path = URI.create(uri).getPath();
        for (Path artifact : artifacts) {
            if (Files.isRegularFile(artifact)) {
                try {
                    put("/api/2.0/mlflow-artifacts/artifacts" + path + "/" + artifact.getFileName(), artifact);
                } catch (IOException e) {
                    throw new Unreachable("cannot read " + artifact + " (" + e.getMessage() + ")");
                }
            }
        }
    }

    private void put(String path, Path artifact) throws IOException, Unreachable, InterruptedException {
        require(call(builder(path).PUT(BodyPublishers.ofFile(artifact))), path);
    }

    private JsonNode post(String method, JsonNode body) throws Unreachable, InterruptedException {
        HttpResponse<String> answer = call(request(method)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
        require(answer, method);
        return JSON.readTree(answer.body());
    }

    private static void require(HttpResponse<String> answer, String asked) throws Unreachable {
        if (answer.statusCode() != 200) {
            throw new Unreachable(asked + " was answered " + answer.statusCode());
        }
    }

    private HttpRequest.Builder request(String method) {
        return builder("/api/2.0/mlflow/" + method);
    }

    private HttpRequest.Builder builder(String path) {
        String base = server.trackingUri().toString().replaceAll("/+$", "");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE);
        return server.authorization() == null ? request : request.header("Authorization", server.authorization());
    }

    private HttpResponse<String> call(HttpRequest.Builder request) throws Unreachable, InterruptedException {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Unreachable("it cannot be reached (" + e + ")");
        }
    }

    /** Gives what is queued a last chance, for a bounded time. */
    @Override
    public void close() {
        closing = true;
        try {
            sender.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
