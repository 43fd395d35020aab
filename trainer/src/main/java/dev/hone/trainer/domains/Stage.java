package dev.hone.trainer.domains;

/** What the method does next. */
enum Stage {
    EVALUATE_BASE,
    CURATE,
    TRY_MIXTURES,
    EXPLORE,
    CHECK_EARLIER,
    EVALUATE_DOMAIN,
    SCALE,
    EVALUATE_SCALE,
    RL,
    EVALUATE_RL,
    DONE
}
