package dev.hone.trainer.domains;

/** What the method does next. */
enum Stage {
    EVALUATE_BASE,
    CURATE,
    EXPLORE,
    EVALUATE_DOMAIN,
    SCALE,
    EVALUATE_SCALE,
    RL,
    EVALUATE_RL,
    DONE
}
