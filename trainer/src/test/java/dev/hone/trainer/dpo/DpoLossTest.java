package dev.hone.trainer.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DpoLossTest {

    /** What TRL's DPOTrainer computed; make_rl_fixtures.py wrote it. */
    @TestFactory
    Stream<DynamicTest> equalsTrl() throws IOException {
        JsonNode fixture;
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("/rl/trl-preferences.json"))) {
            fixture = JsonMapper.shared().readTree(in);
        }
        return StreamSupport.stream(fixture.path("cases").spliterator(), false)
                .map(one -> DynamicTest.dynamicTest(one.path("name").asString(), () -> equalsTrl(fixture, one)));
    }

    private static void equalsTrl(JsonNode fixture, JsonNode one) {
        int chosen = fixture.path("chosen").asInt();
        DpoLoss loss = DpoLoss.valueOf(one.path("loss_type").asString().toUpperCase(Locale.ROOT));
        double sum = 0;
        for (int i = 0; i < chosen; i++) {
            int other = chosen + i;
            DpoLoss.Value value = loss.of(
                    ratio(fixture, i),
                    fixture.path("logprobs").get(i).size(),
                    ratio(fixture, other),
                    fixture.path("logprobs").get(other).size(),
                    one.path("beta").asDouble(),
                    one.path("label_smoothing").asDouble());
            sum += value.loss() / chosen;
            for (JsonNode gradient : one.path("gradient").get(i)) {
                assertThat(value.byChosen() / chosen).isCloseTo(gradient.asDouble(), within(1e-9));
            }
            for (JsonNode gradient : one.path("gradient").get(other)) {
                assertThat(value.byRejected() / chosen).isCloseTo(gradient.asDouble(), within(1e-9));
            }
        }
        assertThat(sum).isCloseTo(one.path("loss").asDouble(), within(1e-9));
    }

    private static double ratio(JsonNode fixture, int row) {
        double sum = 0;
        for (int t = 0; t < fixture.path("logprobs").get(row).size(); t++) {
            sum += fixture.path("logprobs").get(row).get(t).asDouble()
                    - fixture.path("reference").get(row).get(t).asDouble();
        }
        return sum;
    }
}
