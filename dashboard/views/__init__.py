"""The pages, one file each; `main.py` lists them. (Never name this folder `pages`: Streamlit would run it by itself.)"""
