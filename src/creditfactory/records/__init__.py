"""The only room that knows tables: load_x and save_x, actions with an audit event, and nothing else."""
