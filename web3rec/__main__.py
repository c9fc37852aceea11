"""`python -m web3rec`: the same as the command `web3rec`."""

from web3rec.cli import main

if __name__ == "__main__":
    main(prog_name="web3rec")
