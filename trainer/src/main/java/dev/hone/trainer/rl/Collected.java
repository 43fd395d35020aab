package dev.hone.trainer.rl;

import java.util.List;

/**
 * What a step rolled out.
 *
 * @param kept the groups to train on, a group's completions next to each other
 * @param dropped groups whose rewards were all equal, where others were drawn in their stead
 */
record Collected(List<Rollout> kept, List<Rollout> dropped) {}
