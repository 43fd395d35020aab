package dev.hone.trainer.faults;

import java.nio.file.Path;

/**
 * One thing that goes wrong.
 *
 * @param name by which it is asked for
 * @param expected what a run must do then
 */
record Fault(String name, String expected, Trial trial) {

    /** Does it to a real run. */
    interface Trial {
        /**
         * @param directory empty, for this trial alone
         * @return what was seen, in a few words
         * @throws AssertionError where the run did not do what is expected
         */
        String run(Path directory) throws Exception;
    }
}
