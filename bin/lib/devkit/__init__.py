"""What sets up, runs, checks and tests this project. Standard library only.

``settings`` says where things live; ``odoo_source``, ``python_env``, ``node_env``,
``system`` and ``postgres`` each provide one part of the environment; ``server``
puts them together into an Odoo process. The rest are the commands of ``cli``.
"""
