package dev.hone.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MarkdownReportTest {

    private static final String HOSTILE = "````\n# owned <img src=x> @everyone | [link](http://evil.example)\n```";

    private static RunData run() {
        List<JsonNode> events = List.of(
                event("{\"event\":\"run_started\",\"device\":\"cpu\",\"parameters\":754432}"),
                event("{\"event\":\"train\",\"phase\":\"sft\",\"loss\":2.0}"),
                event("{\"event\":\"train\",\"phase\":\"sft\",\"loss\":1.0}"),
                event(
                        "{\"event\":\"best_model\",\"phase\":\"sft\",\"best_step\":6,\"loss\":1.25,\"steps\":12,\"of\":60}"),
                event("{\"event\":\"rl\",\"phase\":\"rl\",\"reward\":0.25}"),
                event("{\"event\":\"curated\",\"domain\":\"math\",\"candidates\":4000,\"kept\":704,"
                        + "\"dropped\":{\"mastered\":165,\"screened_out\":2712},"
                        + "\"screen\":{\"summary\":\"1,288 of 4,000 attempted\"}}"),
                event("{\"event\":\"alarm\",\"kind\":\"x\",\"message\":\"<b>|@you\"}"),
                event("{\"event\":\"run_ended\"}"));
        return new RunData(
                "my_run",
                null,
                events,
                0,
                List.of(new RunData.Score("base", "math", 0.125, 0.1, 0.15)),
                List.of(new RunData.Answer(
                        "math", "1+1=?", HOSTILE, List.of(new RunData.Completion("base", HOSTILE, false)))),
                List.of(),
                "seed: 1");
    }

    private static JsonNode event(String json) {
        return JsonMapper.shared().readTree(json);
    }

    @Test
    void tablesAndCurves() {
        assertThat(MarkdownReport.of(run()))
                .startsWith("# my\\_run\n")
                .contains("| base | 12.5% (10.0 to 15.0) |")
                .contains("| loss, sft | 2.000 | `█▁` | 1.000 |")
                .contains(
                        "| math | 4,000 | 704 | mastered 165, screened\\_out 2712 |\n\nmath: 1,288 of 4,000 attempted\n")
                .contains("| reward, rl | 0.2500 |")
                .contains("| parameters | 754,432 |", "| state | complete |")
                .contains("| sft | ended after step 12 of 60; the weights are those of step 6, held-out loss 1.2500 |");
    }

    @Test
    void nothingAModelWroteIsMarkup() {
        String report = MarkdownReport.of(run());
        // Outside its block, whose fence it cannot close.
        int from = report.indexOf("`````text\n");
        int to = report.indexOf("\n`````\n", from);
        assertThat(from).isPositive();
        assertThat(report.substring(from, to)).contains(HOSTILE.strip());
        String rest = report.substring(0, from) + report.substring(to);
        assertThat(rest)
                .doesNotContain("<img", "<b>", "@everyone", "@you", "[link](")
                .contains("&#60;b&#62;\\|&#64;you")
                .doesNotContainPattern("(?m)^# owned");
    }
}
