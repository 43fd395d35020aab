package dev.hone.trainer.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MembershipTest {

    private static final Map<String, String> TORCHRUN = Map.of(
            "RANK", "5",
            "WORLD_SIZE", "8",
            "LOCAL_RANK", "1",
            "LOCAL_WORLD_SIZE", "4",
            "MASTER_ADDR", "10.0.0.7",
            "MASTER_PORT", "29500",
            "TORCHELASTIC_RUN_ID", "job-3");

    @Test
    void readsWhatTorchrunSets() {
        assertThat(Membership.of(TORCHRUN)).isEqualTo(new Membership(5, 8, 1, 4, "10.0.0.7", 29500, "job-3"));
    }

    @Test
    void leavesThePortOfTorchrunsStoreToIt() {
        assertThat(Membership.of(with("TORCHELASTIC_USE_AGENT_STORE", "True")))
                .isEqualTo(new Membership(5, 8, 1, 4, "10.0.0.7", 29501, "job-3"));
    }

    @Test
    void isAloneWhereNobodyElseIsNamed() {
        assertThat(Membership.of(Map.of())).isNull();
        assertThat(Membership.of(Map.of("RANK", "0", "WORLD_SIZE", "1"))).isNull();
    }

    @Test
    void namesWhatIsMissingOrWrong() {
        Map<String, String> without = new HashMap<>(TORCHRUN);
        without.remove("MASTER_ADDR");
        assertThatThrownBy(() -> Membership.of(without))
                .isInstanceOf(UserError.class)
                .hasMessage("The environment's WORLD_SIZE is 8 but MASTER_ADDR is missing; set it as torchrun does, or"
                        + " unset WORLD_SIZE to train by one process");
        assertThatThrownBy(() -> Membership.of(with("RANK", "8")))
                .isInstanceOf(UserError.class)
                .hasMessage("The environment's RANK is \"8\": expected a number from 0 to 7, as torchrun sets it");
        assertThatThrownBy(() -> Membership.of(with("WORLD_SIZE", "two")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("WORLD_SIZE is \"two\"");
    }

    @Test
    void tellsItsWorkersTheirPlace() {
        Membership leader = Membership.leader(3, "127.0.0.1", 4711, "secret");

        assertThat(Membership.of(leader.environmentOf(2)))
                .isEqualTo(new Membership(2, 3, 2, 3, "127.0.0.1", 4711, "secret"));
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> environment = new HashMap<>(TORCHRUN);
        environment.put(name, value);
        return environment;
    }
}
