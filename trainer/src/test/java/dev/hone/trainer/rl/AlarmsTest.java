package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.rl.Alarms.Alarm;
import dev.hone.trainer.rl.Alarms.Kind;
import dev.hone.trainer.rl.Alarms.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class AlarmsTest {

    private static final Step WELL = new Step(0.4, 0.5, 50, 0.1);

    private static List<Alarm> raised(Alarms alarms, int steps, IntFunction<Step> step) {
        List<Alarm> all = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            all.addAll(alarms.after(step.apply(i)));
        }
        return all;
    }

    @Test
    void whatGoesWellIsNoAlarm() {
        assertThat(raised(new Alarms(), 60, i -> new Step(0.2 + i * 0.01, 0.5 - i * 0.005, 50 + i * 0.5, 0.1)))
                .isEmpty();
    }

    @Test
    void eachWayToFailIsToldOnce() {
        assertThat(raised(new Alarms(), 40, i -> i < 20 ? WELL : new Step(0.1, 0.5, 50, 0.1)))
                .singleElement()
                .matches(alarm -> alarm.kind() == Kind.REWARD_COLLAPSE)
                .matches(alarm -> alarm.message().contains("from 0.400"));
        assertThat(raised(new Alarms(), 40, i -> i < 20 ? WELL : new Step(0.4, 0.01, 50, 0.1)))
                .extracting(Alarm::kind)
                .containsExactly(Kind.ENTROPY_COLLAPSE);
        assertThat(raised(new Alarms(), 40, i -> i < 20 ? WELL : new Step(0.4, 0.5, 120, 0.1)))
                .extracting(Alarm::kind)
                .containsExactly(Kind.LENGTH_EXPLOSION);
        assertThat(raised(new Alarms(), 40, i -> i < 20 ? WELL : new Step(0.4, 0.5, 60, 0.8)))
                .extracting(Alarm::kind)
                .containsExactly(Kind.LENGTH_EXPLOSION);
    }

    @Test
    void whatCameBackMayFailAgain() {
        assertThat(raised(new Alarms(), 60, i -> i / 10 % 2 == 0 ? WELL : new Step(0.1, 0.5, 50, 0.1)))
                .hasSize(3);
    }

    @Test
    void aRewardThatRisesWhileTheBenchmarkFallsIsSuspect() {
        Alarms alarms = new Alarms();
        raised(alarms, 10, i -> WELL);
        assertThat(alarms.afterEvaluation("math", 0.6, 0.65)).isEmpty();
        raised(alarms, 10, i -> new Step(0.9, 0.5, 50, 0.1));
        assertThat(alarms.afterEvaluation("math", 0.5, 0.55))
                .singleElement()
                .matches(alarm -> alarm.kind() == Kind.REWARD_HACKING)
                .matches(alarm -> alarm.message().contains("math fell to 50.0% from 60.0%"));
        // Within the interval it is chance.
        Alarms calm = new Alarms();
        calm.afterEvaluation("math", 0.6, 0.65);
        assertThat(calm.afterEvaluation("math", 0.58, 0.63)).isEmpty();
    }
}
