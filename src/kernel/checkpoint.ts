/** A moment in a renewal at which a process that dies must lose nothing that it could have kept. */
export type Moment = 'setting-out' | 'claimed' | 'answered' | 'storing' | 'stored' | 'recorded' | 'recovered';

/** Is told when a renewal comes by. Nobody listens but fault tests, which end the process there. */
export type Checkpoint = (moment: Moment) => void;
